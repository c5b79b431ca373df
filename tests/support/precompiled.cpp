// Only there so that a target can have the headers that are compiled once.
