/** Before anything is painted: the theme that the viewer chose, so that it does not flash. */
const chosen = localStorage.getItem('logweir.theme');
if (chosen === 'dark' || chosen === 'light') document.documentElement.dataset.theme = chosen;
