"""The forms of what a bot sends, as tables: which fields there are, and what each may hold."""
