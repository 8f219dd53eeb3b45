"""The program: command line, settings, assembly of the server, and services for a machine with nothing on it."""
