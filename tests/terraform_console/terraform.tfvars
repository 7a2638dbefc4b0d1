from_file = "this"
