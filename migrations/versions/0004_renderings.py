"""renderings of events for feeds"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'


def upgrade():
    # Filled when the calendar is prepared: it takes the program to render them.
    with op.batch_alter_table('events', schema=None) as batch_op:
        batch_op.add_column(sa.Column('hidden_sequence', sa.Integer(), nullable=True))

    op.create_table('event_renderings',
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('form', sa.String(length=8), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('stamp', sa.String(length=64), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_event_renderings_event_id_events'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('event_id', 'language', 'form', name=op.f('pk_event_renderings'))
    )


def downgrade():
    op.drop_table('event_renderings')
    # Not as a batch, which makes the table anew: others refer to it.
    op.execute('ALTER TABLE events DROP COLUMN hidden_sequence')
