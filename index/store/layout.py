"""The names in a data folder that the catalog and its views share."""

FILE = "catalog.sqlite"
FOLDER = "views"  # contains a folder for each saved state
