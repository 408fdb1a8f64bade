//// features: bool arrays, wrap-around indices, 2-D blocks, ping-pong
//// sequential
void game_of_life(bool *cells, int width, int height, int generations) {
    vector<char> now(cells, cells + width * height), next(width * height);
    while (generations-- > 0) {
        for (int i = 0; i < width * height; i++) {
            int near = 0;
            for (int d = 0; d < 9; d++)
                if (d != 4) near += now[(i / width + d / 3 - 1 + height) % height * width + (i % width + d % 3 - 1 + width) % width];
            next[i] = near == 3 || (near == 2 && now[i]);
        }
        now.swap(next);
    }
    copy(now.begin(), now.end(), cells);
}
//// kernel
__global__ void generation(const bool *now, bool *next, int width, int height) {
    int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y * blockDim.y + threadIdx.y;
    if (x >= width || y >= height) return;
    int near = 0;
    for (int dy = -1; dy <= 1; dy++)
        for (int dx = -1; dx <= 1; dx++) {
            if (dx == 0 && dy == 0) continue;
            near += now[((y + dy + height) % height) * width + (x + dx + width) % width] ? 1 : 0;
        }
    bool alive = now[y * width + x];
    next[y * width + x] = near == 3 || (alive && near == 2);
}
//// wrapper
void game_of_life_cuda(bool *cells, int width, int height, int generations) {
    bool *now, *next;
    cudaMalloc(&now, width * height * sizeof(bool));
    cudaMalloc(&next, width * height * sizeof(bool));
    cudaMemcpy(now, cells, width * height * sizeof(bool), cudaMemcpyHostToDevice);
    const dim3 threads(4, 4), blocks((width + 3) / 4, (height + 3) / 4, 1);
    for (int g = 0; g < generations; g++) {
        generation<<<blocks, threads>>>(now, next, width, height);
        bool *other = now;
        now = next;
        next = other;
    }
    cudaMemcpy(cells, now, width * height * sizeof(bool), cudaMemcpyDeviceToHost);
    cudaFree(now);
    cudaFree(next);
}
//// tests
bool cells[30] = {0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1};
wrapper(FUNCTION, cells, 6, 5, 4);
---
bool cells[99];
for (int i = 0; i < 99; i++) cells[i] = i * i % 7 < 3;
wrapper(FUNCTION, cells, 11, 9, 10);
