"""What a module may do: what its manifest asks for and the user granted, judged where a core module acts for it."""
