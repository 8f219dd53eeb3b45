"""The three documents on this pipeline and on stock connexion, side by side."""
