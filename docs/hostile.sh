#!/bin/sh
# An agent that tries what it must not be able to do, and answers with what came of it. "$1" is the checkout of Switchyard.
try() {
  echo "- $1: \`$( (timeout 5 sh -c "$2" || echo refused) 2>/dev/null | tail -n 1 | cut -c 1-80)\`"
}
{
  try "the model's key, from any process" "cat /proc/[0-9]*/environ | tr '\\0' '\\n' | grep '^ANTHROPIC_API_KEY=sk-'"
  try "the stack's secrets" "cat '$1/.switchyard/secrets.json'"
  try "files of yours" "ls '$1/README.md'"
  try "the daemon among the processes" "cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -o '[s]witchyard-local daemon'"
  try "a port of the stack" "curl -sS http://127.0.0.1:8788/"
  try "the internet" "curl -sS --noproxy '*' https://example.com"
  try "a push" "git push -q origin HEAD:main && echo pushed"
} > "$SWITCHYARD_OUTPUT/findings.md"
