"""What makes each editor start this Tacit: a small module per editor, and the changes that it consists of."""
