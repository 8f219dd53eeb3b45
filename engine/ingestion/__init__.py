"""From a file to passages: extraction in a child process, cleaning, splitting."""
