"""Numbers, states, events and plans in words, as people read them in a narrow column."""
