/** The same work in Python, as programs that print milliseconds: scikit-learn and PyTorch from Debian's packages. */

const sklearn = (setup: string, work: string, count: number): string => `
import time, numpy as np
from sklearn.ensemble import IsolationForest
X = np.random.RandomState(1).normal(size=(1000, 8))
${setup}
times = []
for _ in range(${count}):
    start = time.perf_counter()
    ${work}
    times.append(time.perf_counter() - start)
print(sorted(times)[len(times) // 2] * 1000)
`;

const torch = (setup: string, work: string, count: number): string => `
import time, torch
torch.set_num_threads(2)
${setup}
times = []
for _ in range(${count}):
    start = time.perf_counter()
    ${work}
    times.append(time.perf_counter() - start)
print(sorted(times)[len(times) // 2] * 1000)
`;

const predictor = `
import torch.nn as nn
class Predictor(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(16, 128, batch_first=True)
        self.head = nn.Sequential(nn.Dropout(0.2), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 1))
    def forward(self, x):
        return self.head(self.lstm(x)[0][:, -1])
model = Predictor()
`;

const training = `
optimizer = torch.optim.Adam(model.parameters())
def step():
    optimizer.zero_grad()
    loss_of(model(x), y).backward()
    optimizer.step()
`;

const classifier = `
import torch.nn as nn
class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(2000, 128)
        layer = nn.TransformerEncoderLayer(128, 2, 512, activation='gelu', batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2)
        self.head = nn.Sequential(nn.Linear(128, 128), nn.Tanh(), nn.Linear(128, 13))
    def forward(self, x):
        return self.head(self.encoder(self.embedding(x)).mean(1))
model = Classifier()
`;

export const PEERS = {
  forestFit: sklearn('', 'IsolationForest(n_estimators=100).fit(X)', 9),
  forestOne: sklearn('forest = IsolationForest(n_estimators=100).fit(X)', 'forest.score_samples(X[:1])', 20),
  forestMany: sklearn(
    'forest = IsolationForest(n_estimators=100).fit(X)\nmany = np.repeat(X, 10, axis=0)',
    'forest.score_samples(many)',
    5,
  ),
  lstmStep: torch(
    `${predictor}x = torch.randn(256, 20, 16)\ny = torch.randint(0, 2, (256, 1)).float()\nloss_of = nn.BCEWithLogitsLoss()\n${training}`,
    'step()',
    25,
  ),
  lstmOne: torch(`${predictor}model.eval()\nx = torch.randn(1, 20, 16)`, 'model(x)', 200),
  bertOne: torch(`${classifier}model.eval()\nx = torch.randint(5, 1900, (1, 64))`, 'model(x)', 200),
  bertStep: torch(
    `${classifier}x = torch.randint(5, 1900, (32, 64))\ny = torch.randint(0, 13, (32,))\nloss_of = nn.CrossEntropyLoss()\n${training}`,
    'step()',
    20,
  ),
} as const;
