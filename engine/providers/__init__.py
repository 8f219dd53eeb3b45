"""Language and embedding models behind one vocabulary, whoever serves them.

Start at `model.py` (what a model can do), `resolution.py` (which model is used) and `openai_chat.py`
(how most of them are read). Importing this package imports no SDK.
"""
