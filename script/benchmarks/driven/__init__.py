"""A home in accelerated time: its tank, its car and its machine, and who switches them."""
