-- Answers whose body is kept still, the oldest first: bodies are emptied after 90 days.

CREATE INDEX answers_with_body ON answers (at) WHERE body <> '';
