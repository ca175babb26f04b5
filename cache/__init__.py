"""What is kept between requests: the prefix tree of attention states. Imports nothing of ours."""
