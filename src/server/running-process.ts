// Whether a process is there, asked of the system: whose files are still in use depends on it.
// One of another user is there too, though we may not send it anything.

export function isProcessRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
