"""imports"""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'


def upgrade():
    op.create_table('imports',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('organisation_code', sa.String(length=60), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=True),
    sa.Column('actor', sa.String(length=300), nullable=False),
    sa.Column('filename', sa.String(length=200), nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('settings', sa.JSON(), nullable=False),
    sa.Column('choices', sa.JSON(), nullable=False),
    sa.Column('decision', sa.Text(), nullable=False),
    sa.Column('report', sa.JSON(), nullable=False),
    sa.Column('failed', sa.String(length=40), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_imports_account_id_accounts'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['organisation_code'], ['organisations.code'], name=op.f('fk_imports_organisation_code_organisations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_imports'))
    )
    with op.batch_alter_table('imports', schema=None) as batch_op:
        for column in ('made_at', 'organisation_code', 'state'):
            batch_op.create_index(batch_op.f(f'ix_imports_{column}'), [column], unique=False)
    op.create_table('remembered_columns',
    sa.Column('organisation_code', sa.String(length=60), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('columns', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_code'], ['organisations.code'], name=op.f('fk_remembered_columns_organisation_code_organisations')),
    sa.PrimaryKeyConstraint('organisation_code', 'digest', name=op.f('pk_remembered_columns'))
    )
    with op.batch_alter_table('revisions', schema=None) as batch_op:
        batch_op.add_column(sa.Column('import_id', sa.Uuid(), nullable=True))
        batch_op.create_index(batch_op.f('ix_revisions_import_id'), ['import_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_revisions_import_id_imports'), 'imports', ['import_id'], ['id'])


def downgrade():
    with op.batch_alter_table('revisions', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_revisions_import_id_imports'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_revisions_import_id'))
        batch_op.drop_column('import_id')
    op.drop_table('remembered_columns')
    op.drop_table('imports')
