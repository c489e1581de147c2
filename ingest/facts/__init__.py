"""What an item states: places, times, quantities and measures, each at the span that shows it."""
