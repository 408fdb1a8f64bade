/** What the addresses of the explorer's JSON look like to those parts of the coordinator that write them. */
export const PAGES: Readonly<Record<'rounds' | 'cases' | 'nodes' | 'incidents', number>>
export const paths: {
  status(): string
  activity(): string
  trust(): string
  rounds(from: number): string
  round(round: string): string
  summary(round: string): string
  matrix(round: string, tile: number): string
  cases(round: string, page: { show: string; from: number }): string
  case(round: string, line: string | number): string
  files(round: string): string
  verdict(cid: string): string
  output(cid: string, test: number): string
  program(cid: string): string
  nodes(from: number): string
  node(node: string): string
  incidents(from: number): string
}
export function fileOf(path: string): string
export function downloadOf(round: string, file: string): string
