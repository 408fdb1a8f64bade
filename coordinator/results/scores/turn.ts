/** Lets the coordinator answer others before it goes on with a long piece of work. */
export async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}
