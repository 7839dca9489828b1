"""the calendar"""

import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None


def upgrade():
    op.create_table('calendar_version',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reference_digest', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_calendar_version'))
    )
    op.create_table('organisations',
    sa.Column('code', sa.String(length=60), nullable=False),
    sa.Column('short_name', sa.String(length=80), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('member', sa.Boolean(), nullable=False),
    sa.Column('url', sa.String(length=500), nullable=False),
    sa.Column('aliases', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_organisations'))
    )
    op.create_table('scheduler_leases',
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('holder', sa.String(length=80), nullable=False),
    sa.Column('renewed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_scheduler_leases'))
    )
    op.create_table('events',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_modified', sa.DateTime(timezone=True), nullable=False),
    sa.Column('merged_into_id', sa.Uuid(), nullable=True),
    sa.Column('steward_code', sa.String(length=60), nullable=False),
    sa.Column('visibility', sa.String(length=20), nullable=False),
    sa.Column('stage', sa.String(length=20), nullable=False),
    sa.Column('publish_on', sa.Date(), nullable=True),
    sa.Column('status', sa.String(length=20), nullable=False),
    sa.Column('status_since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('hidden_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_public_start', sa.Date(), nullable=True),
    sa.Column('last_public_end', sa.Date(), nullable=True),
    sa.Column('last_confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_confirmed_by', sa.String(length=300), nullable=False),
    sa.Column('titles', sa.JSON(), nullable=False),
    sa.Column('descriptions', sa.JSON(), nullable=False),
    sa.Column('short_title', sa.String(length=300), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('processes', sa.JSON(), nullable=False),
    sa.Column('bodies', sa.JSON(), nullable=False),
    sa.Column('organisers', sa.JSON(), nullable=False),
    sa.Column('series', sa.String(length=300), nullable=False),
    sa.Column('part_of_id', sa.Uuid(), nullable=True),
    sa.Column('part_role', sa.String(length=20), nullable=False),
    sa.Column('part_label', sa.String(length=300), nullable=False),
    sa.Column('start', sa.Date(), nullable=True),
    sa.Column('end', sa.Date(), nullable=True),
    sa.Column('precision', sa.String(length=10), nullable=False),
    sa.Column('date_text', sa.String(length=300), nullable=False),
    sa.Column('start_time', sa.String(length=5), nullable=False),
    sa.Column('end_time', sa.String(length=5), nullable=False),
    sa.Column('timezone', sa.String(length=60), nullable=False),
    sa.Column('format', sa.String(length=20), nullable=False),
    sa.Column('remote_participation', sa.Text(), nullable=False),
    sa.Column('venue', sa.String(length=300), nullable=False),
    sa.Column('city', sa.String(length=120), nullable=False),
    sa.Column('city_slug', sa.String(length=120), nullable=False),
    sa.Column('country', sa.String(length=2), nullable=False),
    sa.Column('regions', sa.JSON(), nullable=False),
    sa.Column('latitude', sa.Float(), nullable=True),
    sa.Column('longitude', sa.Float(), nullable=True),
    sa.Column('access', sa.String(length=20), nullable=False),
    sa.Column('audiences', sa.JSON(), nullable=False),
    sa.Column('languages', sa.JSON(), nullable=False),
    sa.Column('registration_url', sa.String(length=1000), nullable=False),
    sa.Column('documents_url', sa.String(length=1000), nullable=False),
    sa.Column('online_url', sa.String(length=1000), nullable=False),
    sa.Column('web_url', sa.String(length=1000), nullable=False),
    sa.Column('contact', sa.String(length=300), nullable=False),
    sa.Column('cooperation_area', sa.String(length=300), nullable=False),
    sa.Column('decisions', sa.JSON(), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('notes', sa.Text(), nullable=False),
    sa.Column('expected_participants', sa.Integer(), nullable=True),
    sa.Column('staffing', sa.Text(), nullable=False),
    sa.Column('key_persons', sa.JSON(), nullable=False),
    sa.Column('search_text', sa.Text(), nullable=False),
    sa.Column('sources_disagree', sa.Boolean(), nullable=False),
    sa.CheckConstraint('"start" < "end"', name=op.f('ck_events_span_forward')),
    sa.CheckConstraint('("start" IS NULL) = ("end" IS NULL)', name=op.f('ck_events_span_whole')),
    sa.ForeignKeyConstraint(['merged_into_id'], ['events.id'], name=op.f('fk_events_merged_into_id_events'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['part_of_id'], ['events.id'], name=op.f('fk_events_part_of_id_events'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['steward_code'], ['organisations.code'], name=op.f('fk_events_steward_code_organisations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_events'))
    )
    with op.batch_alter_table('events', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_events_city_slug'), ['city_slug'], unique=False)
        batch_op.create_index(batch_op.f('ix_events_country'), ['country'], unique=False)
        batch_op.create_index(batch_op.f('ix_events_kind'), ['kind'], unique=False)
        batch_op.create_index(batch_op.f('ix_events_part_of_id'), ['part_of_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_events_series'), ['series'], unique=False)
        batch_op.create_index('ix_events_shown_end', ['stage', 'visibility', 'end'], unique=False)
        batch_op.create_index('ix_events_shown_start', ['stage', 'visibility', 'start'], unique=False)
        batch_op.create_index(batch_op.f('ix_events_status'), ['status'], unique=False)
        batch_op.create_index(batch_op.f('ix_events_steward_code'), ['steward_code'], unique=False)

    op.create_table('organisation_seats',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_code', sa.String(length=60), nullable=False),
    sa.Column('city', sa.String(length=80), nullable=False),
    sa.Column('duty_station', sa.String(length=40), nullable=False),
    sa.Column('process', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['organisation_code'], ['organisations.code'], name=op.f('fk_organisation_seats_organisation_code_organisations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_organisation_seats'))
    )
    with op.batch_alter_table('organisation_seats', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_organisation_seats_organisation_code'), ['organisation_code'], unique=False)

    op.create_table('date_options',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('first_day', sa.Date(), nullable=False),
    sa.Column('last_day', sa.Date(), nullable=False),
    sa.Column('city', sa.String(length=120), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('held_until', sa.Date(), nullable=True),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_date_options_event_id_events')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_date_options'))
    )
    with op.batch_alter_table('date_options', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_date_options_event_id'), ['event_id'], unique=False)

    op.create_table('event_facets',
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('facet', sa.String(length=20), nullable=False),
    sa.Column('value', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_event_facets_event_id_events')),
    sa.PrimaryKeyConstraint('event_id', 'facet', 'value', name=op.f('pk_event_facets'))
    )
    with op.batch_alter_table('event_facets', schema=None) as batch_op:
        batch_op.create_index('ix_event_facets_value', ['facet', 'value'], unique=False)

    op.create_table('event_links',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('other_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=30), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_event_links_event_id_events')),
    sa.ForeignKeyConstraint(['other_id'], ['events.id'], name=op.f('fk_event_links_other_id_events'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_event_links')),
    sa.UniqueConstraint('event_id', 'other_id', 'kind', name=op.f('uq_event_links_event_id'))
    )
    with op.batch_alter_table('event_links', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_event_links_other_id'), ['other_id'], unique=False)

    op.create_table('event_sources',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('source_id', sa.String(length=120), nullable=True),
    sa.Column('citation', sa.Text(), nullable=False),
    sa.Column('url', sa.String(length=1000), nullable=False),
    sa.Column('quote', sa.Text(), nullable=False),
    sa.Column('dates', sa.String(length=300), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('conflicts', sa.String(length=300), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_event_sources_event_id_events')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_event_sources')),
    sa.UniqueConstraint('source_id', name=op.f('uq_event_sources_source_id'))
    )
    with op.batch_alter_table('event_sources', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_event_sources_event_id'), ['event_id'], unique=False)

    op.create_table('revisions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(length=200), nullable=False),
    sa.Column('action', sa.String(length=40), nullable=False),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.Column('after', sa.JSON(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_revisions_event_id_events')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_revisions'))
    )
    with op.batch_alter_table('revisions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_revisions_event_id'), ['event_id'], unique=False)

    op.create_table('services',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('provider_code', sa.String(length=60), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('people', sa.Integer(), nullable=True),
    sa.Column('first_day', sa.Date(), nullable=True),
    sa.Column('last_day', sa.Date(), nullable=True),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_services_event_id_events')),
    sa.ForeignKeyConstraint(['provider_code'], ['organisations.code'], name=op.f('fk_services_provider_code_organisations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_services'))
    )
    with op.batch_alter_table('services', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_services_event_id'), ['event_id'], unique=False)



def downgrade():
    with op.batch_alter_table('services', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_services_event_id'))

    op.drop_table('services')
    with op.batch_alter_table('revisions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_revisions_event_id'))

    op.drop_table('revisions')
    with op.batch_alter_table('event_sources', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_event_sources_event_id'))

    op.drop_table('event_sources')
    with op.batch_alter_table('event_links', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_event_links_other_id'))

    op.drop_table('event_links')
    with op.batch_alter_table('event_facets', schema=None) as batch_op:
        batch_op.drop_index('ix_event_facets_value')

    op.drop_table('event_facets')
    with op.batch_alter_table('date_options', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_date_options_event_id'))

    op.drop_table('date_options')
    with op.batch_alter_table('organisation_seats', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_organisation_seats_organisation_code'))

    op.drop_table('organisation_seats')
    with op.batch_alter_table('events', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_events_steward_code'))
        batch_op.drop_index(batch_op.f('ix_events_status'))
        batch_op.drop_index('ix_events_shown_start')
        batch_op.drop_index('ix_events_shown_end')
        batch_op.drop_index(batch_op.f('ix_events_series'))
        batch_op.drop_index(batch_op.f('ix_events_part_of_id'))
        batch_op.drop_index(batch_op.f('ix_events_kind'))
        batch_op.drop_index(batch_op.f('ix_events_country'))
        batch_op.drop_index(batch_op.f('ix_events_city_slug'))

    op.drop_table('events')
    op.drop_table('scheduler_leases')
    op.drop_table('organisations')
    op.drop_table('calendar_version')
