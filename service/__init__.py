"""The interfaces for people and programs: command line, HTTP API, web pages and MCP tools."""

VERSION = "0.1.0"
