"""findings"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'


def upgrade():
    op.create_table('policies',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('version', sa.String(length=20), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(length=300), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_policies_account_id_accounts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_policies'))
    )
    op.create_table('findings',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('about', sa.String(length=20), nullable=False),
    sa.Column('a_id', sa.Uuid(), nullable=False),
    sa.Column('b_id', sa.Uuid(), nullable=True),
    sa.Column('severity', sa.Integer(), nullable=False),
    sa.Column('likelihood', sa.Float(), nullable=False),
    sa.Column('option_a', sa.Integer(), nullable=False),
    sa.Column('option_b', sa.Integer(), nullable=False),
    sa.Column('reasons', sa.JSON(), nullable=False),
    sa.Column('policy_version', sa.String(length=20), nullable=False),
    sa.Column('fingerprint', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('found_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['a_id'], ['events.id'], name=op.f('fk_findings_a_id_events')),
    sa.ForeignKeyConstraint(['b_id'], ['events.id'], name=op.f('fk_findings_b_id_events')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_findings')),
    sa.UniqueConstraint('key', name=op.f('uq_findings_key'))
    )
    with op.batch_alter_table('findings', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_findings_a_id'), ['a_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_findings_b_id'), ['b_id'], unique=False)
        batch_op.create_index('ix_findings_state', ['state', 'severity'], unique=False)

    op.create_table('finding_answers',
    sa.Column('finding_id', sa.Uuid(), nullable=False),
    sa.Column('organisation_code', sa.String(length=60), nullable=False),
    sa.Column('answer', sa.String(length=20), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['finding_id'], ['findings.id'], name=op.f('fk_finding_answers_finding_id_findings')),
    sa.ForeignKeyConstraint(['organisation_code'], ['organisations.code'], name=op.f('fk_finding_answers_organisation_code_organisations')),
    sa.PrimaryKeyConstraint('finding_id', 'organisation_code', name=op.f('pk_finding_answers'))
    )
    op.create_table('finding_entries',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('finding_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('action', sa.String(length=20), nullable=False),
    sa.Column('organisation_code', sa.String(length=60), nullable=False),
    sa.Column('actor', sa.String(length=300), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=True),
    sa.Column('severity', sa.Integer(), nullable=True),
    sa.Column('text', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_finding_entries_account_id_accounts')),
    sa.ForeignKeyConstraint(['finding_id'], ['findings.id'], name=op.f('fk_finding_entries_finding_id_findings')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_finding_entries'))
    )
    with op.batch_alter_table('finding_entries', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_finding_entries_finding_id'), ['finding_id'], unique=False)

    with op.batch_alter_table('calendar_version', schema=None) as batch_op:
        batch_op.add_column(sa.Column('planning_digest', sa.String(length=64), server_default='', nullable=False))
    with op.batch_alter_table('calendar_version', schema=None) as batch_op:
        batch_op.alter_column('planning_digest', server_default=None)

    with op.batch_alter_table('events', schema=None) as batch_op:
        batch_op.drop_index('ix_events_kind')
        batch_op.create_index('ix_events_kind_start', ['kind', 'start', 'end'], unique=False)
        batch_op.create_index('ix_events_start_end', ['start', 'end'], unique=False)



def downgrade():
    with op.batch_alter_table('events', schema=None) as batch_op:
        batch_op.drop_index('ix_events_start_end')
        batch_op.drop_index('ix_events_kind_start')
        batch_op.create_index('ix_events_kind', ['kind'], unique=False)

    with op.batch_alter_table('calendar_version', schema=None) as batch_op:
        batch_op.drop_column('planning_digest')

    with op.batch_alter_table('finding_entries', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_finding_entries_finding_id'))

    op.drop_table('finding_entries')
    op.drop_table('finding_answers')
    with op.batch_alter_table('findings', schema=None) as batch_op:
        batch_op.drop_index('ix_findings_state')
        batch_op.drop_index(batch_op.f('ix_findings_b_id'))
        batch_op.drop_index(batch_op.f('ix_findings_a_id'))

    op.drop_table('findings')
    op.drop_table('policies')
