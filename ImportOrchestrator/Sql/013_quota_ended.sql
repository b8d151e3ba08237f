-- Until when the import waited for a quota that has begun anew since: late word of that period must not pause the import again.
alter table imports add column quota_ended_at timestamptz;
