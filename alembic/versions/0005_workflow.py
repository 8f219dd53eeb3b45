"""Workflows: drafts, versions, runs, node executions."""

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""


def downgrade() -> None:
    """Take the step back."""
