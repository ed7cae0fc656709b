/** placeholder until next step */
export function wiresharkDissector(): string {
  return '';
}
