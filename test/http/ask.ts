import assert from 'node:assert/strict'
import type { z } from 'zod'
import { Refusal } from '../../coordinator/http/schemas.ts'

/** Reads an answer that must be there and have this form. */
export async function ask<T>(url: string, path: string, schema: z.ZodType<T>): Promise<T> {
  const response = await fetch(`${url}/api/v1/${path}`)
  assert.equal(response.status, 200, path)
  const parsed = schema.safeParse(await response.json())
  assert.ok(parsed.success, `${path}: ${parsed.error?.message}`)
  return parsed.data
}

/** Reads a refusal: its status and code. */
export async function refused(url: string, path: string, init?: RequestInit): Promise<[status: number, code: string]> {
  const response = await fetch(`${url}${path}`, init)
  assert.match(response.headers.get('content-type') ?? '', /^application\/json/, path)
  return [response.status, Refusal.parse(await response.json()).error.code]
}
