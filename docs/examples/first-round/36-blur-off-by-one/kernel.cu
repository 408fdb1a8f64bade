__global__ void box_blur_kernel(const unsigned char *in, unsigned char *out, int width, int height) {
    int x = blockIdx.x * blockDim.x + threadIdx.x;
    int y = blockIdx.y * blockDim.y + threadIdx.y;
    if (x < width - 1 && y < height) {
        int sum = 0, count = 0;
        for (int yy = max(y - 1, 0); yy <= min(y + 1, height - 1); yy++) {
            for (int xx = max(x - 1, 0); xx <= min(x + 1, width - 1); xx++) {
                sum += in[yy * width + xx];
                count++;
            }
        }
        out[y * width + x] = sum / count;
    }
}
