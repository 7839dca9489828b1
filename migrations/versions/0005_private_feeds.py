"""private feeds"""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'


def upgrade():
    op.create_table('private_feeds',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('query', sa.Text(), nullable=False),
    sa.Column('token_digest', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_private_feeds_account_id_accounts'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_private_feeds')),
    sa.UniqueConstraint('token_digest', name=op.f('uq_private_feeds_token_digest'))
    )
    with op.batch_alter_table('private_feeds', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_private_feeds_account_id'), ['account_id'], unique=False)


def downgrade():
    op.drop_table('private_feeds')
