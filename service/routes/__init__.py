"""The routes of the HTTP interface, a module for each thing that is asked for."""
