// Blazor says how its connection fares; classes show it, and buttons act on it.
(() => {
  const box = document.getElementById('components-reconnect-modal');

  async function retry() {
    document.removeEventListener('visibilitychange', retryWhenSeen);
    try {
      if (!await Blazor.reconnect() && !await Blazor.resumeCircuit())
        location.reload();
    } catch {
      document.addEventListener('visibilitychange', retryWhenSeen);
    }
  }

  function retryWhenSeen() {
    if (document.visibilityState === 'visible')
      retry();
  }

  box.addEventListener('components-reconnect-state-changed', ({ detail: { state } }) => {
    if (state === 'failed')
      document.addEventListener('visibilitychange', retryWhenSeen);
    else if (state === 'rejected' || state === 'resume-failed')
      location.reload();
  });
  document.getElementById('reconnect').addEventListener('click', retry);
  document.getElementById('resume').addEventListener('click', async () => {
    if (!await Blazor.resumeCircuit())
      location.reload();
  });
})();
