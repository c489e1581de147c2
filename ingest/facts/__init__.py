"""Find the facts that an item states: places, dates, quantities and measures, each with its span."""
