"""What Alembic runs its steps in: the transaction that `bot.jobs.schema` has begun."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
