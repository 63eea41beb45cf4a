"""What is special about one kind of data: one folder a task. Tables come first."""
