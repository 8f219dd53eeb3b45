"""A small document and its handlers, one operation for each thing that the pipeline must get right."""
