"""pytorch.py ROWS FILE [--device cpu]: times the rows that RnnCodegen.Gpu measures in PyTorch, from the host's memory to the host's memory.

FILE gets lines of row, column and microseconds a step, the median of a second of calls. Columns: fp32 (TF32 off), tf32, fp16 with the weights
flattened, bf16, whose weights PyTorch compacts at each call.
"""
import statistics
import sys
import time

import torch

FEATURES = 64


class Model(torch.nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.lstm = torch.nn.LSTM(FEATURES, hidden, batch_first=False)
        self.head = torch.nn.Linear(hidden, 1)

    def forward(self, x, state=None):
        y, state = self.lstm(x, state)
        if isinstance(y, torch.nn.utils.rnn.PackedSequence):
            y, _ = torch.nn.utils.rnn.pad_packed_sequence(y)
        return self.head(y), state


def pinned(tensor, device):
    return tensor.pin_memory() if device == "cuda" else tensor


def calls(kind, hidden, batch, steps, dtype, device):
    torch.manual_seed(1)
    model = Model(hidden).to(device, dtype)
    model.lstm.flatten_parameters()
    x = pinned(torch.rand(steps, batch, FEATURES).to(dtype), device)
    if kind == "train":
        target = pinned(torch.rand(steps, batch, 1).to(dtype), device)
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=device == "cuda")

        def train():
            optimizer.zero_grad(set_to_none=True)
            y, _ = model(x.to(device, non_blocking=True))
            loss = torch.nn.functional.mse_loss(y, target.to(device, non_blocking=True))
            loss.backward()
            optimizer.step()
            return loss.item()

        return train
    model.eval()
    state = [None]
    lengths = [max(1, steps * (1 + b % 8) // 8) for b in range(batch)]

    @torch.inference_mode()
    def run():
        there = x.to(device, non_blocking=True)
        if kind == "lengths":
            there = torch.nn.utils.rnn.pack_padded_sequence(there, lengths, enforce_sorted=False)
        y, after = model(there, state[0])
        if kind == "step":
            state[0] = after
        return y.to("cpu")

    return run


def median(call, device):
    for _ in range(10):
        call()
    times = []
    end = time.perf_counter() + 1
    while not times or time.perf_counter() < end:
        if device == "cuda":
            torch.cuda.synchronize()
        start = time.perf_counter()
        call()
        if device == "cuda":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main():
    device = "cpu" if "--device" in sys.argv else "cuda"
    if device == "cuda":
        print(f"PyTorch {torch.__version__}, {torch.cuda.get_device_name()}, cuDNN {torch.backends.cudnn.version()}")
    with open(sys.argv[1]) as rows, open(sys.argv[2], "w") as out:
        for line in rows:
            name, kind, hidden, batch, steps = line.rstrip("\n").split("\t")
            for column, dtype in [
                ("fp32", torch.float32), ("tf32", torch.float32), ("fp16", torch.float16), ("bf16", torch.bfloat16)
            ]:
                torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = column == "tf32"
                try:
                    took = median(calls(kind, int(hidden), int(batch), int(steps), dtype, device), device)
                except RuntimeError as error:
                    print(f"{name}, {column}: {error}")
                    continue
                microseconds = took * 1e6 / int(steps)
                print(f"{name}, {column}: {microseconds:.2f} us a step")
                out.write(f"{name}\t{column}\t{microseconds!r}\n")
                out.flush()


main()
