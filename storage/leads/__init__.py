"""What owners sent, what happened to it, who looks after it, and what is to be done about it when."""
