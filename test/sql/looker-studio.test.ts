import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { REPORTS, reportLink, reportLinks } from '../../sql/looker-studio.ts';
import { projectFiles } from './project.ts';

const PLACE = { projectId: 'my-project', dataset: 'logweir' };

describe('a link to a report', () => {
  it('names connector, project, dataset and view as the Linking API asks', () => {
    const link = new URL(reportLink('failures', 'Failures', PLACE));
    expect(link.origin + link.pathname).toBe('https://lookerstudio.google.com/reporting/create');
    expect(Object.fromEntries(link.searchParams)).toMatchObject({
      'ds.connector': 'bigQuery',
      'ds.type': 'TABLE',
      'ds.projectId': 'my-project',
      'ds.datasetId': 'logweir',
      'ds.tableId': 'failures',
      'ds.billingProjectId': 'my-project',
      'r.reportName': 'Logweir: Failures',
    });
    const paid = reportLink('failures', 'Failures', { ...PLACE, billingProjectId: 'pays' });
    expect(paid).toContain('ds.billingProjectId=pays');
    expect(paid).not.toContain('+');
  });

  it('is there for views and roll-ups that exist', () => {
    const made = (['views', 'materialized'] as const).flatMap(projectFiles).map(({ name }) => name);
    for (const { view } of REPORTS) expect(made).toContain(view);
    expect(reportLinks(PLACE).split('\n')).toHaveLength(2 * REPORTS.length);
  });

  it('stands in the README as it is made', async () => {
    const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
    expect(readme).toContain(reportLink('service_health', 'Service health', PLACE));
  });
});
