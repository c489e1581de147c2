"""What offices do with cases beyond asking: find those like one, put them in order of time, side by side, take them along."""
