//! Whether edits did what they were meant to do, and nothing else.
