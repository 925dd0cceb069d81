"""What is to be sent leaves: in order, at the platform's pace, once where that can be had."""
