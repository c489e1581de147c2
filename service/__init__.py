"""What people and programs meet: the command line, the HTTP interface and the page."""

VERSION = "0.1.0"
