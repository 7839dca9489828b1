"""the month"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'


def upgrade():
    op.create_table('due_steps',
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('action', sa.String(length=40), nullable=False),
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('organisation_code', sa.String(length=60), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('error', sa.String(length=500), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_due_steps'))
    )
    with op.batch_alter_table('due_steps', schema=None) as batch_op:
        batch_op.create_index('ix_due_steps_due', ['state', 'due_at'], unique=False)

    op.create_table('exchange_rounds',
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('opens_on', sa.Date(), nullable=False),
    sa.Column('closes_on', sa.Date(), nullable=False),
    sa.Column('digests_on', sa.Date(), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('month', name=op.f('pk_exchange_rounds'))
    )
    op.create_table('lead_times',
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('steps', sa.JSON(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(length=300), nullable=False),
    sa.PrimaryKeyConstraint('kind', name=op.f('pk_lead_times'))
    )
    op.create_table('mail_subscriptions',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('query', sa.String(length=2000), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('told_until', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail_subscriptions')),
    sa.UniqueConstraint('email', 'query', name=op.f('uq_mail_subscriptions_email'))
    )
    with op.batch_alter_table('mail_subscriptions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_mail_subscriptions_state'), ['state'], unique=False)

    op.create_table('reviews',
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('held_on', sa.Date(), nullable=True),
    sa.Column('start_time', sa.String(length=5), nullable=False),
    sa.Column('chair', sa.String(length=200), nullable=False),
    sa.Column('meeting_url', sa.String(length=1000), nullable=False),
    sa.Column('attendance', sa.Text(), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_by', sa.String(length=300), nullable=False),
    sa.Column('agenda', sa.JSON(), nullable=True),
    sa.Column('sign_offs', sa.JSON(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('month', name=op.f('pk_reviews'))
    )
    op.create_table('cycles',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('convener_code', sa.String(length=60), nullable=False),
    sa.Column('opens_day', sa.Integer(), nullable=False),
    sa.Column('closes_day', sa.Integer(), nullable=False),
    sa.Column('reminds_days', sa.Integer(), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['convener_code'], ['organisations.code'], name=op.f('fk_cycles_convener_code_organisations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cycles'))
    )
    op.create_table('digest_issues',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('organisation_code', sa.String(length=60), nullable=False),
    sa.Column('edition', sa.String(length=10), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('composed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('subject', sa.String(length=400), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('html', sa.Text(), nullable=False),
    sa.Column('ics', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_code'], ['organisations.code'], name=op.f('fk_digest_issues_organisation_code_organisations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_digest_issues')),
    sa.UniqueConstraint('organisation_code', 'edition', 'language', name=op.f('uq_digest_issues_organisation_code'))
    )
    with op.batch_alter_table('digest_issues', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_digest_issues_edition'), ['edition'], unique=False)

    op.create_table('digest_recipients',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_code', sa.String(length=60), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('deputy_of_id', sa.Integer(), nullable=True),
    sa.Column('absent_from', sa.Date(), nullable=True),
    sa.Column('absent_until', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['deputy_of_id'], ['digest_recipients.id'], name=op.f('fk_digest_recipients_deputy_of_id_digest_recipients')),
    sa.ForeignKeyConstraint(['organisation_code'], ['organisations.code'], name=op.f('fk_digest_recipients_organisation_code_organisations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_digest_recipients')),
    sa.UniqueConstraint('organisation_code', 'email', name=op.f('uq_digest_recipients_organisation_code'))
    )
    with op.batch_alter_table('digest_recipients', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_digest_recipients_deputy_of_id'), ['deputy_of_id'], unique=False)

    op.create_table('digest_settings',
    sa.Column('organisation_code', sa.String(length=60), nullable=False),
    sa.Column('hour', sa.Integer(), nullable=False),
    sa.Column('weekly', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_code'], ['organisations.code'], name=op.f('fk_digest_settings_organisation_code_organisations')),
    sa.PrimaryKeyConstraint('organisation_code', name=op.f('pk_digest_settings'))
    )
    op.create_table('outbox_attachments',
    sa.Column('message_id', sa.Uuid(), nullable=False),
    sa.Column('filename', sa.String(length=100), nullable=False),
    sa.Column('content_type', sa.String(length=100), nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['message_id'], ['outbox_messages.id'], name=op.f('fk_outbox_attachments_message_id_outbox_messages')),
    sa.PrimaryKeyConstraint('message_id', 'filename', name=op.f('pk_outbox_attachments'))
    )
    op.create_table('round_partners',
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('organisation_code', sa.String(length=60), nullable=False),
    sa.Column('answer', sa.String(length=20), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_by', sa.String(length=300), nullable=False),
    sa.ForeignKeyConstraint(['month'], ['exchange_rounds.month'], name=op.f('fk_round_partners_month_exchange_rounds')),
    sa.ForeignKeyConstraint(['organisation_code'], ['organisations.code'], name=op.f('fk_round_partners_organisation_code_organisations')),
    sa.PrimaryKeyConstraint('month', 'organisation_code', name=op.f('pk_round_partners'))
    )
    op.create_table('round_replies',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('organisation_code', sa.String(length=60), nullable=False),
    sa.Column('sent_by', sa.String(length=300), nullable=False),
    sa.Column('filename', sa.String(length=200), nullable=False),
    sa.Column('rows', sa.JSON(), nullable=False),
    sa.Column('remarks', sa.JSON(), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('applied_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('report', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['month'], ['exchange_rounds.month'], name=op.f('fk_round_replies_month_exchange_rounds')),
    sa.ForeignKeyConstraint(['organisation_code'], ['organisations.code'], name=op.f('fk_round_replies_organisation_code_organisations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_round_replies'))
    )
    with op.batch_alter_table('round_replies', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_round_replies_sent_at'), ['sent_at'], unique=False)

    op.create_table('coordination_slots',
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('slot', sa.String(length=20), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('deadline', sa.Date(), nullable=True),
    sa.Column('owner_organisation', sa.String(length=60), nullable=False),
    sa.Column('owner_name', sa.String(length=200), nullable=False),
    sa.Column('owner_email', sa.String(length=254), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_by', sa.String(length=300), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_coordination_slots_event_id_events')),
    sa.PrimaryKeyConstraint('event_id', 'slot', name=op.f('pk_coordination_slots'))
    )
    op.create_table('event_milestones',
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('owner_organisation', sa.String(length=60), nullable=False),
    sa.Column('owner_name', sa.String(length=200), nullable=False),
    sa.Column('owner_email', sa.String(length=254), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_by', sa.String(length=300), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_event_milestones_event_id_events')),
    sa.PrimaryKeyConstraint('event_id', 'name', name=op.f('pk_event_milestones'))
    )
    op.create_table('preparation_reminders',
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('what', sa.String(length=220), nullable=False),
    sa.Column('occasion', sa.String(length=10), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_preparation_reminders_event_id_events')),
    sa.PrimaryKeyConstraint('event_id', 'what', 'occasion', 'due_on', 'email', name=op.f('pk_preparation_reminders'))
    )
    with op.batch_alter_table('preparation_reminders', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_preparation_reminders_due_on'), ['due_on'], unique=False)

    op.create_table('round_entries',
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('organisation_code', sa.String(length=60), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_round_entries_event_id_events')),
    sa.ForeignKeyConstraint(['month'], ['exchange_rounds.month'], name=op.f('fk_round_entries_month_exchange_rounds')),
    sa.PrimaryKeyConstraint('month', 'event_id', name=op.f('pk_round_entries'))
    )
    op.create_table('review_decisions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('line', sa.String(length=120), nullable=False),
    sa.Column('subject', sa.String(length=400), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=True),
    sa.Column('finding_id', sa.Uuid(), nullable=True),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('owner_organisation', sa.String(length=60), nullable=False),
    sa.Column('owner_name', sa.String(length=200), nullable=False),
    sa.Column('owner_email', sa.String(length=254), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('made_by', sa.String(length=300), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=True),
    sa.Column('reminded_on', sa.Date(), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_by', sa.String(length=300), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_review_decisions_account_id_accounts')),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_review_decisions_event_id_events')),
    sa.ForeignKeyConstraint(['finding_id'], ['findings.id'], name=op.f('fk_review_decisions_finding_id_findings')),
    sa.ForeignKeyConstraint(['month'], ['reviews.month'], name=op.f('fk_review_decisions_month_reviews')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_decisions'))
    )
    with op.batch_alter_table('review_decisions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_review_decisions_month'), ['month'], unique=False)
        batch_op.create_index('ix_review_decisions_state', ['state', 'due_on'], unique=False)

    with op.batch_alter_table('outbox_messages', schema=None) as batch_op:
        batch_op.add_column(sa.Column('headers', sa.JSON(), nullable=True))


def downgrade():
    with op.batch_alter_table('outbox_messages', schema=None) as batch_op:
        batch_op.drop_column('headers')

    with op.batch_alter_table('review_decisions', schema=None) as batch_op:
        batch_op.drop_index('ix_review_decisions_state')
        batch_op.drop_index(batch_op.f('ix_review_decisions_month'))

    op.drop_table('review_decisions')
    op.drop_table('round_entries')
    with op.batch_alter_table('preparation_reminders', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_preparation_reminders_due_on'))

    op.drop_table('preparation_reminders')
    op.drop_table('event_milestones')
    op.drop_table('coordination_slots')
    with op.batch_alter_table('round_replies', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_round_replies_sent_at'))

    op.drop_table('round_replies')
    op.drop_table('round_partners')
    op.drop_table('outbox_attachments')
    op.drop_table('digest_settings')
    with op.batch_alter_table('digest_recipients', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_digest_recipients_deputy_of_id'))

    op.drop_table('digest_recipients')
    with op.batch_alter_table('digest_issues', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_digest_issues_edition'))

    op.drop_table('digest_issues')
    op.drop_table('cycles')
    op.drop_table('reviews')
    with op.batch_alter_table('mail_subscriptions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_mail_subscriptions_state'))

    op.drop_table('mail_subscriptions')
    op.drop_table('lead_times')
    op.drop_table('exchange_rounds')
    with op.batch_alter_table('due_steps', schema=None) as batch_op:
        batch_op.drop_index('ix_due_steps_due')

    op.drop_table('due_steps')
