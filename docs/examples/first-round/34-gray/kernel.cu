__global__ void rgb_to_gray_kernel(const uchar3 *rgb, unsigned char *gray, int width, int height) {
    int x = blockIdx.x * blockDim.x + threadIdx.x;
    int y = blockIdx.y * blockDim.y + threadIdx.y;
    if (x < width && y < height) {
        uchar3 p = rgb[y * width + x];
        gray[y * width + x] = (77 * p.x + 150 * p.y + 29 * p.z + 128) >> 8;
    }
}
