# The PyTorch side of roundTrip.ts: loads what was saved there by name, computes, and saves it again.
import sys

import torch
from torch import nn

folder = sys.argv[1]


class Last(nn.Module):
    """The output of a recurrent layer, without its state."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(x)[0]


models = {
    "mlp": nn.Sequential(nn.Linear(6, 8), nn.GELU(), nn.LayerNorm(8), nn.Linear(8, 3)),
    "cnn": nn.Sequential(nn.Conv2d(2, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 5)),
    "lstm": Last(nn.LSTM(4, 6, num_layers=2, bidirectional=True, batch_first=True)),
    "gru": Last(nn.GRU(4, 6, batch_first=True)),
    "encoder": nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True),
}
for name, model in models.items():
    state = torch.load(f"{folder}/{name}.pt")
    x = state.pop("x")
    model.load_state_dict(state)
    model.eval()
    with torch.no_grad():
        y = model(x)
    torch.save({"y": y, "state": model.state_dict()}, f"{folder}/{name}.back.pt")
print(torch.__version__)
