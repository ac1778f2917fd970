"""One module a source, named as its landing folder: what it takes in. A new source is a new module here."""
