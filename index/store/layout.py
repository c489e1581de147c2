"""The names in a data folder that the catalog and its views share."""

FILE = "catalog.sqlite"
FOLDER = "views"  # with a folder in it for each state that was saved
